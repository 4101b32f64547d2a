/// The rules say no, and nothing was done: asking the same again does not help.
///
///     Refusal(.notFound(.instance), "there is no instance 7")     there is no instance 7
///     Refusal(at: "tags[2]", "has to be a string")                tags[2]: has to be a string
///
/// Whoever is below a door speaks of what was given by its path, never of flags, settings or
/// statuses: those are the door's own, and it chooses them by the code and the path.
public struct Refusal: Error, Sendable, Equatable {
  /// The grounds for a refusal, a closed set: a door has an answer for each.
  public enum Code: Sendable, Equatable {
    /// There is no such thing.
    case notFound(Subject)
    /// It was deleted, and its history stays.
    case deleted
    /// The instance is disabled, and this is for one that is not.
    case disabled
    /// How things stand does not allow it now: an attempt is under way, a replay has ended.
    case conflict
    /// A key that names a request was given to another one before.
    case keyReused
    /// Something that was given cannot be used; the path says where.
    case invalid
    /// More was given or asked for than is allowed.
    case tooLarge
    /// This program cannot do it with that resource.
    case unsupported
    /// Another process runs the journal, and has not done what was asked of it.
    case locked
    /// The key file is missing, so nothing can be sealed or opened.
    case keyMissing
    /// The provider was asked and said no.
    case providerRefused
    /// The provider was asked and did not answer.
    case providerUnreachable
    /// The provider granted less than is needed.
    case notGranted
    /// The journal is only read here: as of a past event, or because it was opened so.
    case readOnly
  }

  /// The kind of thing that was looked for.
  public enum Subject: String, Sendable, Equatable {
    case instance, resource, event, delivery, replay, callback, feed, setting,
      subscription, notification, object, element
  }

  /// The ground, by which programs tell refusals apart.
  public var code: Code
  /// Where in what was given the fault is, such as `configuration.event.poller.refresh_interval`;
  /// nil where it is nowhere in particular.
  public var path: String?
  /// The fault and how to mend it, for a person; holds no secret.
  public var text: String

  /// The parts as given.
  public init(_ code: Code, _ text: String, at path: String? = nil) {
    self.code = code
    self.path = path
    self.text = text
  }

  /// Refuses what was given at a path.
  public init(at path: String, _ text: String) {
    self.init(.invalid, text, at: path)
  }
}

extension Refusal: CustomStringConvertible {
  /// The path, where there is one, and the text.
  public var description: String { path.map { "\($0): \(text)" } ?? text }
}
