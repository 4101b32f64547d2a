import EventStore
import Events

/// The journals that are measured, and the events in them.
enum BenchLog {
  static let start = Moment(milliseconds: 1_795_000_000_000)

  static func open(_ path: String) throws -> JournalWriter {
    try JournalWriter(path, naming: [UInt8](0..<16), at: start)
  }

  /// An event whose body is 1 KB, as the rows of the C programs are.
  static func newEvent(_ stream: StreamName) -> NewEvent {
    NewEvent(
      stream,
      .authorizationRefused(
        AuthorizationRefused(instance: 0, reason: "bench", text: kilobyte)))
  }

  /// What a body of 1,024 bytes has room for beside its other fields.
  private static let kilobyte: String = {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _".utf8)
    var state: UInt64 = 0x1234_5678_9abc_def1
    var text: [UInt8] = []
    for _ in 0..<(1_024 - #"{"instance":0,"reason":"bench","text":""}"#.utf8.count) {
      // A xorshift: varied text, the same in every run. Source: Marsaglia, “Xorshift RNGs”.
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      text.append(alphabet[Int(state & 63)])
    }
    return String(decoding: text, as: UTF8.self)
  }()
}
