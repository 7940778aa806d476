import perceptron from './01.js';
import xor from './02.js';
import descent from './03.js';
import activations from './04.js';
import losses from './05.js';
import initialization from './06.js';
import optimizers from './07.js';
import normalization from './08.js';
import regularization from './09.js';
import mnist from './11.js';

/**
 * A station: its number, settings and code; what the module gets of the settings; pictures(parent, frame), which
 * returns what draws a view; numbers(view, words, steps, settings), the tables.
 */
export const stations = [
  perceptron, xor, descent, activations, losses, initialization, optimizers, normalization, regularization, mnist];
