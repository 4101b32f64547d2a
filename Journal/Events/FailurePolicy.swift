/// The fate of a notification that its receiver did not take. Source: SAP Open Connectors, “Event
/// retry and queueing”.
public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
  /// It is tried again by the retry schedule.
  case retry
  /// It is kept until somebody lets it go out.
  case queue
}
