// The page's side of the worker.

/* The worker's text is put here when the page is built: a worker can not be loaded from file://. */
import workerText from 'worker-text';

export class Engine {
  /**
   * @param {{view: Function, problem: Function}} listener
   */
  constructor(listener) {
    this.listener = listener;
    this.run = 0;
    this.questions = new Map();
    const address = URL.createObjectURL(new Blob([workerText], { type: 'text/javascript' }));
    this.worker = new Worker(address);
    this.worker.onmessage = ({ data }) => this.receive(data);
    this.worker.onerror = (event) => listener.problem({ steps: 0, text: event.message });
    this.latest = null;
  }

  receive(data) {
    if (data.run !== this.run) return;
    if (data.kind === 'answer') {
      this.questions.get(data.question)?.(data.view);
      this.questions.delete(data.question);
    } else if (data.kind === 'problem') {
      this.draw(); // what came before it, first
      this.listener.problem(data);
    } else {
      const scheduled = this.latest !== null;
      this.latest = data;
      if (!scheduled) requestAnimationFrame(() => this.draw());
    }
  }

  draw() {
    const data = this.latest;
    this.latest = null;
    if (!data) return;
    if (data.run !== this.run) return;
    this.listener.view(data);
    this.say('drawn');
  }

  say(command, more = {}) {
    this.worker.postMessage({ command, ...more });
  }

  begin(more) {
    for (const answer of this.questions.values()) answer(null); // nobody answers them any more
    this.questions.clear();
    this.run += 1;
    this.say('begin', { id: this.run, ...more });
  }

  /** What the worker still says of the run before is for nobody. */
  leave() {
    this.run += 1;
    this.say('pause');
  }

  ask(settings) {
    const question = `${this.run}.${this.asked = (this.asked ?? 0) + 1}`;
    this.say('ask', { question, settings });
    return new Promise((resolve) => this.questions.set(question, resolve));
  }
}
