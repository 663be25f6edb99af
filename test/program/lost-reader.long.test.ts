import './lost-reader.test.js';
