/** Entry of the prebuilt bundle: every workflow of the recovery worker. */
export { deadLetter } from './dead-letter/dead-letter.js';
