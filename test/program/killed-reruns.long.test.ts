import './killed-reruns.test.js';
