import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const VERSION = '1.32.1';
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>test-server</artifactId><version>1</version><dependencies><dependency>
<groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version>
</dependency></dependencies></project>`;

/** A command that runs Temporal's time-skipping server from its Maven package; undefined without Java or Maven. */
export async function timeSkippingServer(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'time-skipping-'));
  await writeFile(join(folder, 'pom.xml'), POM);
  try {
    await exec('java', ['-version']);
    const classPath = ['-q', 'dependency:build-classpath', '-Dmdep.outputFile=class-path'];
    await exec('mvn', ['--batch-mode', ...classPath], { cwd: folder });
  } catch {
    return undefined;
  }
  const classPath = (await readFile(join(folder, 'class-path'), 'utf8')).trim();
  const command = join(folder, 'server.sh');
  await writeFile(
    command,
    `#!/bin/sh\nexec java -cp '${classPath}' io.temporal.testserver.TestServer "$@"\n`,
  );
  await chmod(command, 0o755);
  return command;
}
