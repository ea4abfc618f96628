import type { Command } from 'commander';
import {
  SEARCH_ATTRIBUTE_NAMES,
  SEARCH_ATTRIBUTES,
  searchAttributeCommand,
  searchAttributeType,
} from '../../common/contract.js';
import { oneLine } from '../../common/text/text.js';
import { ExitCode } from '../exit-codes.js';
import { reasonOf } from '../failure.js';
import { type Registration, registerSearchAttributes } from '../register-search-attributes.js';
import type { Runner } from '../runner.js';
import { savedViews } from '../saved-views.js';
import { uiAddress } from '../ui-address.js';

interface Options {
  readonly uiAddress?: string;
}

export function addSetup(program: Command, run: Runner): void {
  program
    .command('setup')
    .description('register the search attributes of the namespace; print queries to save as views in the UI')
    .option('--ui-address <url>', 'address of the Temporal UI, for links; TEMPORAL_UI_URL')
    .action((options: Options, command: Command) =>
      run(command, async ({ client, output, settings }) => {
        const { namespace } = client.options;
        const result = await registerSearchAttributes(client);
        const address = uiAddress(options.uiAddress, settings.address.value);
        const views = savedViews(address, namespace);
        const { refusal, ...attributes } = result;
        const failure = refusal === undefined ? {} : { refusal: reasonOf(refusal) };
        output.answer({ namespace, ...attributes, ...failure, views }, () => [
          ...registrationLines(namespace, result),
          '',
          'Queries to save as views in the Temporal UI (Workflows, then the query, then Save as view):',
          ...views.flatMap(({ name, query, link }) => [
            '',
            output.style('bold', name),
            `  ${query}`,
            ...(link === undefined ? [] : [`  ${link}`]),
          ]),
        ]);
        return refusal === undefined || lacksOnlyTags(result.missing) ? ExitCode.DONE : ExitCode.FAILED;
      }),
    );
}

/** The only attribute that nothing needs. */
function lacksOnlyTags(missing: readonly string[]): boolean {
  return missing.length === 1 && missing[0] === SEARCH_ATTRIBUTES.tags;
}

function registrationLines(
  namespace: string,
  { existed, registered, missing, refusal }: Registration,
): string[] {
  const name = oneLine(namespace);
  if (refusal !== undefined) {
    const done = [...existed, ...registered];
    return [
      ...(done.length === 0 ? [] : [`Registered in namespace ${name}: ${done.join(', ')}`]),
      `The search attributes ${missing.join(', ')} could not be registered (${reasonOf(refusal)}). Where you may, run:`,
      `  ${searchAttributeCommand(name, missing)}`,
      'On Temporal Cloud:',
      `  tcld namespace search-attributes add --namespace ${name} ${missing.map((each) => `--search-attribute "${each}=${searchAttributeType(each)}"`).join(' ')}`,
      ...(lacksOnlyTags(missing)
        ? ['Without it everything works; letters are read to find those with a tag, which takes longer.']
        : []),
    ];
  }
  if (registered.length === 0) {
    return [`All ${SEARCH_ATTRIBUTE_NAMES.length} search attributes are registered in namespace ${name}`];
  }
  return [
    `Registered in namespace ${name}: ${registered.join(', ')}`,
    ...(existed.length === 0 ? [] : [`Existed already: ${existed.join(', ')}`]),
    'Letters written from now on can be filtered; a running worker notices within a minute.',
  ];
}
