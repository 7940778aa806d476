// Runs a station away from the page, so that its controls never wait. The page says begin, play, pause, step or
// ask; the answer is a view of the station, not more often than the page draws.
import gradusDouble from 'wasm/gradus_double.js';
import gradusFloat from 'wasm/gradus_float.js';
import { load } from './module.js';

const factories = { double: gradusDouble, float: gradusFloat };
const modules = {};
const budget = 12; // milliseconds of steps between two looks at what the page wants

let module, run = null, drawn = true;

const now = () => performance.now();

// The next turn, after the messages that wait; not held back in a background tab as timers are.
const channel = new MessageChannel();
channel.port1.onmessage = () => turn();
let waiting = false, timer = 0;
function later(milliseconds = 0) {
  clearTimeout(timer);
  if (milliseconds > 4) timer = setTimeout(turn, milliseconds);
  else if (!waiting) {
    waiting = true;
    channel.port2.postMessage(0);
  }
}

function show() {
  drawn = false;
  run.shown = run.steps;
  run.shownAt = now();
  postMessage({
    kind: 'view', run: run.id, steps: run.steps, view: module.show(), playing: run.playing,
    arriving: run.steps < run.target, perSecond: run.measured,
  });
}

function stopWith(error) {
  run.playing = false;
  run.target = run.steps;
  postMessage({ kind: 'problem', run: run.id, steps: run.steps, text: String(error.message ?? error) });
}

// So many steps now: all that are missing up to the target, or what the speed allows since the last turn.
function owed() {
  if (run.steps < run.target) return run.target - run.steps;
  if (!run.playing) return 0;
  const most = run.most - run.steps;
  if (run.perSecond === Infinity) return most;
  const due = Math.floor((now() - run.since) / 1000 * run.perSecond) - run.done;
  return Math.min(most, Math.max(0, due));
}

function advance(steps) {
  const begin = now();
  let done = 0;
  while (done < steps && now() - begin < budget) {
    const some = Math.max(1, Math.min(steps - done, Math.floor(budget / 2 / run.each)));
    const from = now();
    module.step(some);
    run.each = Math.max(1e-4, (now() - from) / some);
    done += some;
    run.steps += some;
  }
  run.done += done;
  run.measured = done > 0 ? 1000 * done / (now() - begin) : run.measured;
}

function turn() {
  waiting = false;
  if (!run) return;
  try {
    const steps = owed();
    if (steps > 0) advance(steps);
    if (run.playing && run.steps >= run.most) run.playing = false;
    const active = run.playing || run.steps < run.target;
    if (!active) {
      if (run.wasActive || run.shown !== run.steps) show();
      run.wasActive = false;
      return;
    }
    if (drawn && run.shown !== run.steps && now() - run.shownAt >= run.every) show();
    run.wasActive = true;
    const next = run.steps < run.target || run.perSecond === Infinity
      ? 0 : run.since + (run.done + 1) / run.perSecond * 1000 - now();
    later(Math.min(next, 100));
  } catch (error) {
    stopWith(error);
  }
}

function pace(perSecond) {
  run.perSecond = perSecond;
  run.since = now();
  run.done = 0;
}

const commands = {
  async begin({ id, station, kind, settings, images, target, most, every, play, perSecond }) {
    run = null;
    modules[kind] ??= await load(factories[kind]);
    module = modules[kind];
    run = { id, steps: 0, target, most, every, playing: play, each: 1, shown: -1, measured: 0 };
    pace(perSecond);
    drawn = true;
    if (images) module.images(images.bytes, images.train, images.test);
    try {
      module.begin(station, settings);
      show();
      later();
    } catch (error) {
      stopWith(error);
    }
  },
  play({ perSecond }) {
    run.playing = true;
    pace(perSecond);
    later();
  },
  pause() {
    run.playing = false;
    run.target = run.steps;
    run.wasActive = true;
    later();
  },
  step({ steps }) {
    run.playing = false;
    run.target = Math.min(run.most, run.steps + steps);
    later();
  },
  ask({ question, settings }) {
    postMessage({ kind: 'answer', run: run.id, question, view: module.ask(settings) });
  },
  drawn() {
    drawn = true;
  },
};

// One after the other, also while a module is loaded.
let last = Promise.resolve();
onmessage = ({ data }) => {
  last = last.then(() => {
    if (data.command === 'begin' || run) return commands[data.command](data);
    return undefined;
  }).catch((error) => run && stopWith(error));
};
