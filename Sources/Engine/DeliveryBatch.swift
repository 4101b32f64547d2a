import Domain
import EventStore
import Events

/// Deliveries that go into one append.
struct DeliveryBatch {
  /// The poll or the replay that asks.
  let cause: Int64
  var deliveries: [RenderedDelivery] = []
  var bytes = 0

  init(cause: Int64) { self.cause = cause }

  mutating func add(_ rendered: RenderedDelivery) {
    deliveries.append(rendered)
    bytes += rendered.payload?.bytesKept ?? 0
  }

  var isFull: Bool {
    deliveries.count >= Limits.deliveriesPerAppend || bytes > Limits.notificationBytesMax
  }

  /// Appends the batch and empties it; those that were asked for before a crash are passed over.
  ///
  /// - Returns: How many were asked for now.
  nonisolated(nonsending) mutating func flush(
    to repository: Repository, at now: Moment
  ) async throws(JournalError) -> Int {
    let deliveries = deliveries
    self = DeliveryBatch(cause: cause)
    guard !deliveries.isEmpty else { return 0 }
    if try await repository.attempt(request(deliveries, at: now)) != nil {
      return deliveries.count
    }
    var asked = 0
    for delivery in deliveries
    where try await repository.attempt(request([delivery], at: now)) != nil {
      asked += 1
    }
    return asked
  }

  private func request(_ deliveries: [RenderedDelivery], at now: Moment) -> AppendRequest {
    let newEvents = deliveries.map {
      NewEvent($0.stream, .deliveryRequested($0.requested), cause: .position(cause))
    }
    let expected = Dictionary(uniqueKeysWithValues: deliveries.map { ($0.stream, Int64(0)) })
    return AppendRequest(
      newEvents, expecting: expected, payloads: deliveries.compactMap(\.payload), at: now)
  }
}

/// A delivery ready to be asked for.
struct RenderedDelivery: Sendable {
  let requested: DeliveryRequested
  let payload: Payload?

  var stream: StreamName { .delivery(requested.delivery) }
}
