// Imported before the harness: the metrics of this process are kept, to be looked at.
process.env.KEEP_METRICS = 'yes';
