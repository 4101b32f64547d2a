import ArgumentParser
import Daybook

struct CompletionsCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "A script by which a shell completes commands, flags, words and file names.",
    discussion: """
      `make install` puts them where the shells look. By hand:

      bash: daybook completions bash > ~/.local/share/bash-completion/completions/daybook
      zsh: daybook completions zsh > a folder of $fpath, as _daybook
      fish: daybook completions fish > ~/.config/fish/completions/daybook.fish

      EXAMPLE
        daybook completions bash
      """)

  enum Shell: String, WordOperand {
    case bash, zsh, fish

    var shell: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: "bash, zsh or fish.") var shell: Shell

  @MainActor func perform(_ session: Session) async throws {
    Console.say(Root.completionScript(for: shell.shell))
  }
}
