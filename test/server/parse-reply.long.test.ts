import './parse-reply.test.js';
