/// The call of the platform’s own page on Google Suite’s events, word for word.
///
/// Source: SAP Open Connectors, “Google Suite: Events”, “Example cURL with Polling”.
enum SeedCall {
  static let text = #"""
    curl -X POST \
    https://api.openconnectors.us2.ext.hana.ondemand.com/elements/api-v2/instances \
    -H 'authorization: User <USER_SECRET>, Organization <ORGANIZATION_SECRET>' \
    -H 'content-type: application/json' \
    -d '{
    "element": {
    "key": "googlesuite"
    },
    "providerData":{
    "code": "<AUTHORIZATION_GRANT_CODE>"
    },
    "configuration": {
    "oauth.api.key": "xxxxxxxxxxxxxxxxxx",
    "oauth.api.secret": "xxxxxxxxxxxxxxxxxxxxxxxx",
    "oauth.callback.url":"https://auth.mycoolapp.com/oauth",
    "event.notification.enabled": true,
    "event.notification.callback.url": \#
    "https://api.openconnectors.us2.ext.hana.ondemand.com/elements/api-v2/events/page.elementKey/",
    "event.poller.refresh_interval": "15",
    "event.poller.configuration":{
    "calendars/{calendarId}/changed-events": {
    "url": "/hubs/general/calendars/{calendarId}/changed-events",
    "idField": "",
    "datesConfiguration": {
    "updatedDateField": "updated",
    "updatedDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "updatedDateTimezone": "GMT",
    "createdDateField": "created",
    "createdDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "createdDateTimezone": "GMT"
    }
    },
    "calendars/primary/changed-events": {
    "url": "/hubs/general/calendars/primary/changed-events",
    "idField": "",
    "datesConfiguration": {
    "updatedDateField": "updated",
    "updatedDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "updatedDateTimezone": "GMT",
    "createdDateField": "created",
    "createdDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "createdDateTimezone": "GMT"
    }
    },
    "changed-groups": {
    "url": "/hubs/general/changed-groups",
    "idField": "id",
    "datesConfiguration": {
    "updatedDateField": "metadata.updateTime",
    "updatedDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "updatedDateTimezone": "GMT",
    "createdDateField": "metadata.updateTime",
    "createdDateFormat": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "createdDateTimezone": "GMT"
    }
    },
    "changed-messages": {
    "url": "/hubs/general/changed-messages",
    "idField": "id"
    }
    }
    },
    "tags": [
    "Docs"
    ],
    "name": "API Instance with Polling"
    }'
    """#
}
