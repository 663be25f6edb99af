import './unchanged-reruns.test.js';
