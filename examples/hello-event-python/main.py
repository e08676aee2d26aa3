import base64

import functions_framework


@functions_framework.cloud_event
def hello_event(event):
    print(f"Event {event['id']} of type {event['type']} from {event['source']}")
    message = (event.data or {}).get("message", {})
    if message.get("data"):
        # A Pub/Sub message carries its data in base64.
        print(f"Hello {base64.b64decode(message['data']).decode()}!")
