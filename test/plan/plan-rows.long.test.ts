import './plan-rows.test.js';
