import Daybook
import Events
import Testing

/// Options out of their ranges are refused when the journal is opened, by their names.
@Suite struct BoundsTests {
  @Test(arguments: ["attemptTimeout", "attemptsInFlight", "interval", "failuresMax"])
  func `an option out of its range is refused by its name`(name: String) throws {
    var options = JournalOptions()
    switch name {
    case "attemptTimeout": options.attemptTimeout = .milliseconds(9)
    case "attemptsInFlight": options.attemptsInFlight = 257
    case "interval": options.interval = .zero
    default: options.failuresMax = 0
    }
    let folder = try TestFolder()
    do throws(DaybookError) {
      _ = try Journal("\(folder.path)/daybook.journal", options, in: MadeUpWorld().outside)
      Issue.record("\(name) was taken")
    } catch {
      guard case .refused(let refusal) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(refusal.path == name)
    }
  }
}
