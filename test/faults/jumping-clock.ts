// A wall clock that jumps when the parent process says so, in the process that loads this before anything else.
let shiftMs = 0;
const RightDate = Date;
const now = () => RightDate.now() + shiftMs;

process.on('message', (message: { shiftClockMs?: number }) => {
  shiftMs = Math.round(message.shiftClockMs ?? shiftMs);
});

globalThis.Date = new Proxy(RightDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RightDate(now()).toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
