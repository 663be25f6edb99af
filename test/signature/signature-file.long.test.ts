import './signature-file.test.js';
