import './blocked-rows.test.js';
