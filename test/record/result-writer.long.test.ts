import './result-writer.test.js';
