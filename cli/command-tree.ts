import { Command } from 'commander';

/** A command without its sub-command shows its help, as `kubectl` and `temporal` do: on stdout, and that is no error. */
export class CommandTree extends Command {
  override createCommand(name?: string): Command {
    return new CommandTree(name);
  }

  /** Commander's own takes it for an error. */
  override help(): never {
    return super.help();
  }
}
