import './impostors.test.js';
