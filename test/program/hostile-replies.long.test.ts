import './hostile-replies.test.js';
