import './disk-trouble.test.js';
