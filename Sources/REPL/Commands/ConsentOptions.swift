import ArgumentParser

/// The flags that stand for the answer to a question, of commands that remove, revoke, hold back or
/// send in bulk.
struct ConsentOptions: ParsableArguments {
  @Flag(help: "Do not ask; needs --reason.") var yes = false
  @Option(help: "Why; recorded with it.") var reason: ReasonText?
}
