// What plays: a timer that goes on until it is told to stop, and a walk from one place to the next that it drives.

/** All places in about 10 seconds, a few of them slowly enough to be followed. */
export const tenSeconds = (count) => Math.min(700, Math.max(80, 10000 / count));

/**
 * { running, start(milliseconds), stop() }; it never runs twice, and not after its signal.
 *     advance     what it does each time
 *     tell(kind)  hears "playing" when it starts and when it stops
 */
export function createTimer(advance, tell, signal) {
  let timer = 0;
  const stop = () => {
    if (!timer) return;
    clearInterval(timer);
    timer = 0;
    tell("playing");
  };
  signal.addEventListener("abort", stop);
  return {
    get running() { return timer !== 0; },
    start(pause) {
      timer = setInterval(advance, pause);
      tell("playing");
    },
    stop,
  };
}

/**
 * A part of a widget's state: `playing`, `stop()` and `play(motion)`; one place after the other, until the last one.
 *     walk        { at, count, goTo(place), halted }, read anew at every step; halted: it has to stop where it is
 *     pause       milliseconds a place, for so many of them
 *     tell(kind)  as for the timer
 */
export function createPlayer(walk, pause, tell, signal) {
  const last = () => walk.at === walk.count - 1;
  const timer = createTimer(() => (walk.halted || last() ? timer.stop() : walk.goTo(walk.at + 1)), tell, signal);
  return {
    get playing() { return timer.running; },
    stop: timer.stop,
    /** Starts or stops; without motion it goes one place on, and from the last one to the first. */
    play(motion) {
      if (timer.running) return timer.stop();
      const over = last();
      if (!motion || over) walk.goTo(over ? 0 : walk.at + 1);
      return motion ? timer.start(pause(walk.count)) : undefined;
    },
  };
}
