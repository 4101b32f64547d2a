import Domain
import Events

extension PollSession {
  func judgeDated(_ item: Item, _ bytes: [UInt8], _ known: Known?) -> Verdict? { nil }
  mutating func advance(by bytes: [UInt8]) {}
}
