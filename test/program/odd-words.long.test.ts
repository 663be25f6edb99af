import './odd-words.test.js';
