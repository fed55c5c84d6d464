"""Listens to the customer's MQTT broker. A message is acknowledged when what it tells is on disk, so none is lost.

The broker says who may publish where, so a device is known by its topic. We are one more of its clients: it keeps what
comes while the hall is down, for the name under which the hall signs in.
"""

import socket
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from command_center.ingest import owntracks
from command_center.ingest.reception import Delivery, Reception
from command_center.ingest.senders import Senders
from command_center.ingest.trust import Peer
from command_center.timeline import Timeline
from command_center.workers import Mailbox

log = structlog.get_logger()

KIND = "mqtt"
PORTS = {"mqtt": 1883, "mqtts": 8883}
QOS = 1
KEEPALIVE_S = 30
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1, 60
STORED_WITHIN_S = 10.0
# One write for all that comes meanwhile; longer would hold up brokers that let few messages be on their way.
GATHER_S = 0.02
BROKER = Peer("mqtt")


class Broker:
    """The line to one broker; tries again until it is ended.

    Args:
        url: `mqtt://user:password@host:port` or `mqtts://…`; `?ca=FILE`: who signed its certificate.
        topics: to listen to.
        timeline: for the time.
        reception: takes what comes.
        senders: who may send.

    Raises:
        ValueError: the URL is no address of a broker.
    """

    def __init__(
        self, url: str, topics: Sequence[str], *, timeline: Timeline, reception: Reception, senders: Senders
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("YIPING_MQTT_URL: mqtt://… or mqtts://user:password@host:port")
        self._address = parts.hostname, parts.port or PORTS[parts.scheme]
        self._topics = [(topic, QOS) for topic in topics]
        self._timeline, self._reception, self._senders = timeline, reception, senders
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"yiping-{socket.gethostname()}"[:64],
            clean_session=False,
            manual_ack=True,
        )
        if parts.username:
            self._client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            self._client.tls_set(ca_certs=parse_qs(parts.query).get("ca", [None])[0])
        self._client.reconnect_delay_set(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._messages: Mailbox[MQTTMessage] = Mailbox("mqtt", self._take, every_s=GATHER_S)
        self.worker = self._messages.worker
        self.connected = False
        self.refused: Counter[str] = Counter()

    def start(self) -> None:
        """Connect in a thread, now or as soon as the broker is there."""
        self.worker.start()
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def end(self) -> None:
        """Sign off; what is not stored yet is not acknowledged and comes again."""
        self._client.disconnect()
        self._client.loop_stop()
        self.worker.end()

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.warning("mqtt_refused", reason=str(reason))
            return
        self.connected = True
        client.subscribe(self._topics)

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.connected = False
        log.warning("mqtt_lost", reason=str(reason))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._messages.put(message)

    def _take(self, messages: list[MQTTMessage]) -> None:
        """Store what came and acknowledge it; on an error the mailbox keeps it and tries again."""
        deliveries = [one for message in messages if (one := self._delivery(message)) is not None]
        taken = self._reception.receive(deliveries)
        self._reception.store()
        for share in taken:
            share.stored.result(STORED_WITHIN_S)
            self.refused.update(reason for _, reason in share.rejected)
        for message in messages:
            self._client.ack(message.mid, message.qos)

    def _delivery(self, message: MQTTMessage) -> Delivery | None:
        if message.retain:
            # What the broker kept from before is no sign of life: its device may have been silent for days.
            return None
        sender = self._senders.find(KIND, owntracks.device_of(message.topic))
        if sender is None:
            self.refused["unknown_device"] += 1
            return None
        person_id, now = self._senders.person(sender, None), self._timeline.now()
        reports = owntracks.reports(message.topic, bytes(message.payload), person_id=person_id, received_at=now)
        return Delivery(sender, reports, BROKER)
