package import Events

/// How the deliveries of an instance are made: its own settings over those of the program.
package struct DeliverySettings: Sendable, Equatable {
  package var order = DeliveryOrder.object

  package init() {}

  /// Settings of an instance, by their names in its configuration.
  package enum Key: String, Sendable, CaseIterable {
    case order = "notification.webhook.order"
  }

  /// The same with what an instance says in its place; what cannot be read was refused when it was
  /// configured.
  package func with(_ configuration: [String: Setting]) -> DeliverySettings {
    var settings = self
    for key in Key.allCases {
      if let text = configuration[key.rawValue]?.word { _ = settings.take(key, text) }
    }
    return settings
  }

  /// Puts a value in its place.
  ///
  /// - Returns: Why it cannot be used, to go on behind the value; nil where it can.
  package mutating func take(_ key: Key, _ text: String) -> String? {
    switch key {
    case .order:
      guard let order = DeliveryOrder(rawValue: text) else {
        return "is none of none, object, strict"
      }
      self.order = order
    }
    return nil
  }
}

extension Setting {
  /// A text or a whole number as text; nil for anything else, and for nothing.
  package var word: String? {
    switch self {
    case .text(let text): text.isEmpty ? nil : text
    case .whole(let number): String(number)
    default: nil
    }
  }
}
