import { build } from 'rolldown';
import config from '../../rolldown.config.js';

/** Tests that start the program start what its users get, made of the sources as they are now. */
export default async function bundle(): Promise<void> {
  await build(config);
}
