import './plan-shard.test.js';
