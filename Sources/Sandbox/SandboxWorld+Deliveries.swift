import Domain
import Events
import FoundationEssentials
import GoogleFake

// What the receiver got, as JSON.
extension SandboxWorld {
  /// Answers `GET /sandbox/receiver?path=/receiver/hook&after=0&limit=100`.
  func deliveries(_ target: Target) -> FakeAnswer {
    let after = target["after"].flatMap { Int($0) } ?? 0
    let limit = max(0, target["limit"].flatMap { Int($0) } ?? 100)
    let path = target["path"]
    let matching = receiver.deliveries.lazy.filter { delivery in
      delivery.number > after
        && (path.map { String(delivery.path.prefix { $0 != "?" }) == $0 } ?? true)
    }
    let text = JSONText.object { text in
      text.field("received", receiver.total)
      text.field("kept", receiver.deliveries.count)
      text.arrayField("paths") { text in
        for (path, count) in receiver.counts.sorted(by: { $0.key < $1.key }) {
          text.element()
          text.object { text in
            text.field("path", path)
            text.field("received", count.deliveries)
            text.objectField("statuses") { text in
              for (status, number) in count.statuses.sorted(by: { $0.key < $1.key }) {
                text.field("\(status)", number)
              }
            }
          }
        }
      }
      text.arrayField("deliveries") { text in
        for delivery in matching.prefix(limit) {
          text.element()
          text.object { write(delivery, to: &$0) }
        }
      }
    }
    return .json(200, text)
  }

  private func write(_ delivery: FakeReceiver.Delivery, to text: inout JSONText) {
    text.field("number", delivery.number)
    text.field("at", delivery.at.rfc3339)
    text.field("method", delivery.method)
    text.field("path", delivery.path)
    text.field("status", delivery.status)
    text.arrayField("headers") { text in
      for header in delivery.headers {
        text.element()
        text.value(.array([.text(header.name), .text(header.value)]))
      }
    }
    text.field("bodyBytes", delivery.body.count)
    if let body = String(validating: delivery.body, as: UTF8.self) {
      text.field("body", body)
    } else {
      text.field("bodyBase64", Data(delivery.body).base64EncodedString())
    }
  }
}
