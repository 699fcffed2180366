// What plays: one place after the other by a timer, until the last one, until nobody looks, or until it is told to stop.

/** All places in about 10 seconds, a few of them slowly enough to be followed. */
export const tenSeconds = (count) => Math.min(700, Math.max(80, 10000 / count));

/**
 * A part of a widget's state: `playing`, `stop()` and `play(motion)`.
 *     walk        { at, count, goTo(place), halted }, read anew at every step; halted: it has to stop where it is
 *     pause       milliseconds a place, for so many of them
 *     tell(kind)  hears "playing" when it starts and when it stops
 */
export function createPlayer(walk, pause, tell, signal) {
  let timer = 0;
  const last = () => walk.at === walk.count - 1;
  const stop = () => {
    if (!timer) return;
    clearInterval(timer);
    timer = 0;
    tell("playing");
  };
  const advance = () => (walk.halted || last() ? stop() : walk.goTo(walk.at + 1));
  signal.addEventListener("abort", stop);
  return {
    get playing() { return timer !== 0; },
    stop,
    /** Starts or stops; without motion it goes one place on, and from the last one to the first. */
    play(motion) {
      if (timer) return stop();
      const over = last();
      if (!motion || over) walk.goTo(over ? 0 : walk.at + 1);
      if (!motion) return undefined;
      timer = setInterval(advance, pause(walk.count));
      return tell("playing");
    },
  };
}
