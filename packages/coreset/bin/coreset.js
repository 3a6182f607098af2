#!/usr/bin/env node
import('../dist/cli/cli.js').catch((error) => {
  // The loader opens many files at once, and says other things when it may not.
  const limit = process.report?.getReport().userLimits?.open_files?.soft;
  if (!(limit < 1024)) throw error;
  process.stderr.write(
    `coreset: too few files may be open at once (ulimit -n ${limit}); raise the limit to 1024 and run the same command again\n`,
  );
  process.exitCode = 2;
});
