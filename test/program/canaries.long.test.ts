import './canaries.test.js';
