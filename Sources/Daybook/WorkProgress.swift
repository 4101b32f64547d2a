/// How far long work has come: so much of so much.
public struct WorkProgress: Sendable, Equatable {
  /// Events, deliveries or polls that are done.
  public var done: Int64
  /// How many there are to do; nil where that is not known yet.
  public var total: Int64?

  /// So much of so much.
  public init(done: Int64 = 0, total: Int64? = nil) {
    self.done = done
    self.total = total
  }

  /// Takes it in, from any thread; returns at once.
  public typealias Report = @Sendable (WorkProgress) -> Void
}
