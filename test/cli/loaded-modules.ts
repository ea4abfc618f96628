/** Preloaded: tells at the end whether the native module of Temporal's worker was loaded. */
process.on('exit', () => {
  const native = Object.keys(require.cache).some((path) =>
    /@temporalio[\\/](worker|core-bridge)[\\/]/.test(path),
  );
  console.log(`native: ${native}`);
});
