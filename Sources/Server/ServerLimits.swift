import NIOCore

/// Bounds of the HTTP API, each with its reason.
package enum ServerLimits {
  /// Bytes of a body: the platform’s own bound. Source: SAP Open Connectors, “Technical
  /// Restrictions”.
  static let bodyBytesMax = 8 << 20
  /// Bytes of a body of whoever shows no secret.
  static let strangersBytesMax = 64 << 10
  /// Such bodies that are on their way at once: an eighth of what one address may have, so that
  /// strangers behind the same proxy leave room for its owner.
  static let strangersBodiesMax = 64
  /// For a client to take one piece of an answer.
  static let pieceTime = TimeAmount.seconds(60)
  /// Lists as of the past at once: each has a view of the journal of its own.
  static let pastsMax = 64
  /// Bytes of a request’s head: an address of 8 KiB, and the cookies of every other server on this
  /// host.
  static let headBytesMax = 32 << 10
  /// Lines of a request’s head.
  static let headersMax = 100
  /// For a whole request to arrive once its head is there: 8 MB over a slow line.
  static let requestTime = TimeAmount.seconds(60)
  /// For a head to arrive, and between two requests of a connection.
  static let idleTime = TimeAmount.seconds(30)
  /// Connections at once; what comes beyond waits in the system’s queue.
  static let connectionsMax = 2_048
  /// Requests that one address has under way.
  static let requestsOfOneMax = 512
  /// Streams open at once: each is looked after whenever an event is appended.
  package static let streamsMax = 512
  /// Between two signs of life of a stream: proxies close what says nothing for a minute.
  package static let streamSilence = Duration.seconds(15)
  /// Questions at once that walk through the whole journal, or may: each keeps a thread.
  static let walksMax = 4
  /// For one statement of SQL: a view of the journal is held as long.
  static let sqlTime = Duration.seconds(10)
  /// Rows and bytes of its answer, which is put together before it is sent.
  static let sqlRowsMax = 10_000
  static let sqlBytesMax = 8 << 20
  /// Questions whose answer takes longer the more there is, such as traces and counts, that are
  /// answered at once: as many as there are processors on a small machine.
  static let lookersMax = 2
  /// Those that are answered or wait for it.
  static let looksMax = 256
  /// Reads of the provider’s resources at once; each may take as long as the provider does.
  static let readsMax = 128
  /// Polls by hand that are open: each holds what it has read.
  static let stepsMax = 16

  // Of one element token, so that it leaves room for others.

  /// Half of what one address may have.
  static let requestsShare = 256
  static let streamsShareDivisor = 16
  static let looksShare = 16
  static let pastsShare = 8
  static let readsShare = 16
  static let stepsShare = 4
  /// After which one that nobody goes on with is left.
  static let stepTime = Duration.seconds(600)
  /// Instances that wait for a person at once.
  static let consentsMax = 100
  /// Those that wait and those that have ended, whose outcome is asked for.
  static let consentsKeptMax = 1_000
  /// How long they wait: a person has to sign in, and may have to ask somebody.
  static let consentTime = Duration.seconds(600)
  /// People who have signed in at the console at once.
  static let consoleSessionsMax = 100
  /// After which one who does nothing has to sign in again.
  static let consoleIdleTime = Duration.seconds(1_800)
  /// After which everybody has to: a working day.
  static let consoleTime = Duration.seconds(12 * 3_600)
  /// Rows of one page of the console.
  static let consoleRows = 50
  /// Bytes of a body or payload that a page shows; `--raw` of the command line has all.
  static let consoleBytesShown = 64 << 10
  /// Events of a trace that a page shows.
  static let consoleTraceRows = 2_000
  /// For requests under way to end once the server stops.
  static let stopTime = Duration.seconds(20)
}
