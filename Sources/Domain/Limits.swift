/// Every bound of the rules, with its unit and its reason. Past a bound comes a clear error or a
/// recorded event, never a silent cut.
package enum Limits {
  // MARK: Instances

  /// Bytes of the JSON that creates an instance: the seed’s has 2 KB, a hundred calendars 50 KB.
  package static let instanceBytesMax = 1 << 20
  /// Characters of a name, a tag, a resource key. Source: the platform’s TEXTFIELD_1000.
  package static let nameCharactersMax = 1_000
  /// Tags of one instance.
  package static let tagsMax = 100
  /// Characters of a callback URL: what servers take in a request line.
  package static let urlCharactersMax = 2_000
  /// Resources in one poller configuration.
  package static let resourcesMax = 1_000
  /// Minutes between two polls at most: ten years, so that sums with it stay instants.
  package static let intervalMinutesMax = 5_256_000
  /// The element’s default interval. Source: the platform’s `event.poller.refresh_interval`.
  package static let intervalMinutesDefault = 15
  /// Items a page that a configuration may ask for: more than any provider gives.
  package static let pageSizeMax: Int64 = 10_000
  /// Seconds that a poll may look back behind its cursor, and of tolerance between dates: a year.
  package static let lookBackSecondsMax: Int64 = 31_622_400

  /// Objects on one page of a list in the platform’s form: a few MB where they are whole instances.
  package static let platformPageMax = 1_000
  /// Bytes of the bodies that such a page shows, unless a single one is longer.
  package static let platformPageBytesMax: Int64 = 8 << 20
  /// Counts of one answer: a few MB.
  package static let platformCountsMax = 50_000
  /// Deliveries that were given up and are released by one request.
  package static let releasedMax = 10_000
  /// Characters of the key of a request that may be repeated.
  package static let requestKeyMax = 255

  // MARK: Polls

  /// Items that a page is asked for: small enough that a page of long events stays below a few MB.
  package static let pageItems = 1_000
  /// Pages of one poll: ten million items, more than any calendar holds.
  package static let pollPagesMax = 10_000
  /// Pages without items in one listing that name themselves as the next one. Gmail's history has
  /// some where it looks through records that are not asked for.
  package static let emptyPagesMax = 200
  /// Changes of one poll: they are appended in one transaction.
  package static let pollChangesMax = 200_000
  /// Bytes of items kept in memory during a poll before they are staged on disk: little, so that
  /// long polls need no more memory than short ones.
  package static let pendingBytesMax = 256 << 10
  /// Page bytes kept as evidence; of a longer poll (a baseline, a comparison) the digests alone.
  package static let evidenceBytesMax = 8 << 20
  /// Characters of a provider’s id or revision.
  package static let idCharactersMax = 2_048
  /// Characters of a title in a row: as much of a subject as a line of a wide screen holds.
  package static let titleCharactersMax = 200
  /// Ranges of positions by which a replay tells its selection: what a person reads through.
  package static let rangesToldMax = 20
  /// Characters of a text from outside in the summary of an event, which is one line.
  package static let summaryTextCharactersMax = 200
  /// Absences that are confirmed one by one; above, a second listing has to agree.
  package static let absencesConfirmedMax = 1_000
  /// The part of the known objects that may be absent before a second listing has to agree.
  package static let absentShareMax = 0.2
  /// Units of a user’s quota that are spent at once, and in a minute after that. Together they are
  /// Gmail’s 6,000 a minute. Source: Gmail API, “Usage limits”, projects from May 2026 on.
  package static let quotaUnitsAtOnce = 1_000
  package static let quotaUnitsPerMinute = 5_000
  /// Pages of a long poll after which it can be gone on with after a crash.
  package static let pagesPerCheckpoint = 10
  /// Progress of a poll that is older is dropped and the poll begun anew: page tokens end, and the
  /// list has changed.
  package static let progressAgeMax: Duration = .seconds(3_600)
  /// How far behind its beginning the first cursor of a poll by dates lies where nothing bears a
  /// date yet, so that a wrong clock hides nothing.
  package static let datedBaselineOverlap: Duration = .seconds(86_400)
  /// Seconds by which the dates of making and updating may differ and still say CREATED. Source:
  /// the default of the platform’s successor.
  package static let createdToleranceSeconds: Int64 = 10
  /// Collections of one roster: calendars that a person has in the list.
  package static let rosterMax = 2_000
  /// Failures in a row after which a feed is disabled. Source: the platform’s own threshold.
  package static let failuresMax = 100
  /// The longest wait after failures that are not the provider’s wish.
  package static let failureWaitMax: Duration = .seconds(3_600)
  /// The longest wait that a provider may ask for.
  package static let retryAfterMax: Duration = .seconds(86_400)
  /// An access token that ends sooner is refreshed first.
  package static let tokenMargin: Duration = .seconds(60)

  /// Tries after which an object that cannot be had or read is set aside.
  package static let objectTriesMax = 5
  /// How long until what is set aside is tried again: a day.
  package static let objectRetryWait: Duration = .seconds(86_400)
  /// Objects of one feed that may be missed at a time: each costs a request a day, and more of them
  /// are the provider's trouble or ours.
  package static let missedObjectsMax = 100
  /// Objects that may be missed by a poll that was given no other: more are the provider's trouble.
  package static let missesWithoutGiftMax = 3
  /// Objects that may be missed one after the other: more are the provider's trouble.
  package static let missesInRowMax = 10

  // MARK: Reads

  /// Objects a page of a read that does not say.
  package static let readItems = 100
  /// Requests to the provider for one read: objects that are told by their ids alone are asked for
  /// one by one.
  package static let readRequestsMax = 100
  /// Bytes of one answer. Source: SAP Open Connectors, “Technical restrictions”, 8 MB.
  package static let readBytesMax = 8 << 20
  /// Characters of the token of a page, in which the provider’s own is.
  package static let readTokenMax = 32_768

  // MARK: Deliveries

  /// Changes in one notification. Source: the platform’s “at most 10 event objects for polling”.
  package static let changesPerNotification = 10
  /// Bytes of objects in one notification, unless a single object is longer.
  package static let notificationBytesMax = 8 << 20
  /// The whole of one attempt. Source: Standard Webhooks, 15 to 30 seconds.
  package static let attemptTimeout: Duration = .seconds(15)
  package static let connectTimeout: Duration = .seconds(5)
  /// For the whole of one attempt, and for its connection: nobody waits longer.
  package static let attemptTimeouts = Duration.milliseconds(10)...Duration.seconds(600)
  package static let connectTimeouts = Duration.milliseconds(10)...Duration.seconds(60)
  /// Attempts at once to one callback, where that is bound.
  package static let callbackConcurrency = 1...20
  /// Attempts in a second to one callback, where that is bound.
  package static let callbackRate = 1...1_000
  /// How long ago attempts count for a breaker, in steps of this length; how many there have to be,
  /// and which part of them has to fail.
  package static let breakerWindow = Duration.seconds(300)
  package static let breakerStep = Duration.seconds(10)
  package static let breakerAttemptsMin = 10
  package static let breakerShare = 0.7
  /// How long after a failure an open breaker lets the next one through.
  package static let breakerWait = Duration.seconds(30)
  /// Callbacks whose attempts are counted for a breaker at once: some megabytes.
  package static let breakersMax = 10_000
  /// How long a callback has to fail, and nothing else, until it is disabled. Source: Svix, 5 days.
  package static let disableAfter = Duration.seconds(5 * 86_400)
  /// Bytes of a receiver’s answer that are kept.
  package static let answerBytesKept = 64 << 10
  /// Bytes of a receiver’s answer after which reading ends.
  package static let answerBytesRead = 1 << 20
  /// Deliveries asked for or released in one append.
  package static let deliveriesPerAppend = 50

  // MARK: The engine

  /// Polls under way at once.
  package static let pollsInFlight = 64
  /// Polls that wait for a quota besides: each keeps the memory of a page.
  package static let pollsPausedMax = 1_024
  /// Due tasks of a kind that are passed over in one round because whose they are is busy.
  package static let tasksPassedMax = 100_000
  /// Instances whose settings and opened secrets are kept from one attempt to the next: a few KB
  /// each.
  package static let knownInstancesMax = 1_000
  /// Attempts under way at once, where no setting says otherwise.
  package static let attemptsInFlight = 16
  /// Attempts at once, at the least, to a receiver that has not answered yet, while others are sent
  /// to.
  package static let untriedAttempts = 4
  /// Attempts in a row without an answer after which a receiver is asked once at a time, while
  /// others answer.
  package static let unansweredMax = 20
  /// Lanes of which it is remembered how many were not answered; some hundred kilobytes.
  package static let lanesUnansweredMax = 10_000
  /// Looks in vain at a poll that nothing is left to be asked for of, before it is passed over.
  package static let fruitlessMax = 3
  /// Due tasks looked at in one round.
  package static let tasksPerRound = 256
  /// How long the engine sleeps at most before it looks whether another process appended.
  package static let idleWait: Duration = .milliseconds(200)
  /// Conflicts in a row after which a decision gives up.
  package static let conflictsMax = 20
  /// The same for new instances, which all want the next number: each round one of those that come
  /// together has it, and one address may have 512 requests under way.
  package static let conflictsOfNewMax = 1_000
  /// Groups of what is held that are looked at in one go, while nothing else is begun: some tens of
  /// milliseconds.
  package static let heldGroupsPerLook = 200
  /// How long between two looks at what is held without need: each costs some reads for each
  /// callback, replay and instance that something is held for.
  package static let heldLookGap = Duration.seconds(5)
  /// How long a signature key may sign beside the one in its place. Source: Standard Webhooks,
  /// “Zero downtime secret rotation”, gives a day.
  package static let signatureOverlap = Duration.zero ... .seconds(7 * 86_400)
  /// Bytes of a signature key; 64 random ones take 94.
  package static let signatureKeyBytesMax = 1_024
  /// Events of an imported log in one transaction; a hundred syncs for 50,000.
  package static let bundleEvents = 500
  /// Bytes of lines after which an import commits.
  package static let bundleBytes = 8 << 20
  /// Payloads that are removed in one transaction, and looked through in one view: some tens of
  /// milliseconds for either.
  package static let evidencePerPart = 500
  /// Events looked through for them in one view.
  package static let evidenceEventsPerPart = 500
  /// Payloads of a plan that are remembered, so that none is counted twice: some tens of megabytes.
  package static let evidencePlannedMax = 200_000
  /// After which the settings' policy goes through all of the log again.
  package static let retentionRound = Duration.seconds(86_400)
  /// How often the write-ahead log is tried to be emptied while others read, each for a second.
  package static let wipeTries = 5
  /// Bytes of a file that is written anew beside a process that runs it, which waits meanwhile: two
  /// or three seconds on a slow disk.
  package static let rewrittenBytesMax: Int64 = 256 << 20
  /// How late polls have to begin at least before a person is told.
  package static let lagMin = Duration.seconds(60)
  /// Pending deliveries that are counted before an instance is deleted: a person need not know
  /// more.
  package static let pendingCounted = 10_000
  /// Deliveries of one replay.
  package static let replayDeliveriesMax = 1_000_000
  /// How late a replay may ask for its next deliveries and still plan them by its rate: so much of
  /// it may be made up for at once.
  package static let replayLatenessMax = Duration.milliseconds(100)
  /// Replays whose order is kept at once while they are asked for.
  package static let replayOrdersMax = 4
  /// The clock may drift so far from the steady one before it counts as a step.
  package static let clockStepMin: Duration = .seconds(30)
}
