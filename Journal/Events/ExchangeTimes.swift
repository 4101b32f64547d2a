/// How far an exchange had come when: microseconds from its beginning, each nil where there was no
/// such step or it was never reached.
///
///     │ name │ connect │    TLS    │   request and waiting   │ rest of the answer │
///     0     410       690        7,240                    12,300              12,410
///
/// On a connection that was kept from before there are no steps before the first byte.
public struct ExchangeTimes: Sendable, Hashable {
  /// The name had an address.
  public var name: Int64?
  /// The connection had come about.
  public var connect: Int64?
  /// It was encrypted, and the certificate checked.
  public var tls: Int64?
  /// The first byte of the answer had come.
  public var firstByte: Int64?
  /// It was over.
  public var end: Int64?

  /// The times as given, unchecked.
  public init(
    name: Int64? = nil, connect: Int64? = nil, tls: Int64? = nil, firstByte: Int64? = nil,
    end: Int64? = nil
  ) {
    self.name = name
    self.connect = connect
    self.tls = tls
    self.firstByte = firstByte
    self.end = end
  }
}
