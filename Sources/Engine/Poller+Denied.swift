import Domain
import EventStore
import Events

extension Poller {
  /// A poll that found no token; where the authorization is dead, the instance is disabled with it.
  func denied(_ denial: AccessDenial, _ run: PollRun) -> Ending {
    if denial.refusal.reason == NetworkFailure.Kind.cancelled.rawValue { return .cancelled }
    let failure = Feed.Failure(
      refusal: denial.refusal, asked: denial.asked, startedAt: run.takenUpAt)
    guard denial.isFinal else { return .failed(failure) }
    let id = run.row.instance
    let reason = denial.refusal.reason
    let remedy =
      reason.hasSuffix("_client")
      ? "Give the client's id and secret with `instance update \(id)`, then `instance enable`."
      : "Authorize again, then `instance update \(id)` with the new code."
    let text = "Google gives no more tokens for instance \(id) (\(reason)). \(remedy)"
    let refused = AuthorizationRefused(
      instance: id, reason: denial.refusal.reason, text: denial.refusal.text,
      status: denial.refusal.status)
    let disabled = InstanceDisabled(instance: id, reason: denial.refusal.reason)
    let notice = NoticeRaised(
      kind: .known(.authorizationRefused), subject: StreamName.instance(id), text: text,
      instance: id)
    return .failed(
      failure,
      with: Aftermath(
        newEvents: [
          NewEvent(.authorization(id), .authorizationRefused(refused), cause: .newEvent(0)),
          NewEvent(StreamName.instance(id), .instanceDisabled(disabled), cause: .newEvent(0)),
          NewEvent(
            StreamName.notice(notice.kind, about: notice.subject), .noticeRaised(notice),
            cause: .newEvent(0)),
        ], expected: denial.expected))
  }
}

extension Request {
  /// Method and address, for the record.
  var described: String { "\(method.rawValue) \(url)" }
}
