import './registration.test.js';
