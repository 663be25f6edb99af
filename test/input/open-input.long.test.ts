import './open-input.test.js';
