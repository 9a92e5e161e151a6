"""Protocol Buffer schemas: messages in JSON and in the binary format."""

from __future__ import annotations

from google.protobuf import descriptor_pool, json_format, message, message_factory

from emulators.pubsub.proto_revisions import check_follows
from emulators.pubsub.proto_text import parse_file


class ProtobufDefinition:
    """One schema.

    Args:
        text: A ``.proto`` file with exactly one top-level message.

    Raises:
        ValueError: It is none.
    """

    kind = "protocol buffer"

    def __init__(self, text: str) -> None:
        try:
            file = parse_file(text)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if len(file.message_type) != 1:
            raise ValueError("exactly one top-level message must be defined")
        name = ".".join(filter(None, (file.package, file.message_type[0].name)))
        pool = descriptor_pool.DescriptorPool()
        try:
            pool.AddSerializedFile(file.SerializeToString())
            found = pool.FindMessageTypeByName(name)
        except (TypeError, KeyError) as error:
            raise ValueError(str(error)) from error
        self._class = message_factory.GetMessageClass(found)

    def check_follows(self, earlier: ProtobufDefinition) -> None:
        """Accept this as the revision after another one: optional fields alone come and go.

        Raises:
            ValueError: Another field came or went, or one is another than before.
        """
        check_follows(self._class.DESCRIPTOR, earlier._class.DESCRIPTOR)

    def check_json(self, data: bytes) -> None:
        """Accept a message in ProtoJSON, without fields the schema does not have.

        Raises:
            ValueError: It is not of this schema.
        """
        if not data.lstrip().startswith(b"{"):
            raise ValueError("a JSON object expected")
        try:
            json_format.Parse(data, self._class())
        except json_format.ParseError as error:
            raise ValueError(str(error)) from error

    def check_binary(self, data: bytes) -> None:
        """Accept a message in the binary format; fields the schema does not have may be there.

        Raises:
            ValueError: It is not of this schema.
        """
        try:
            read = self._class.FromString(data)
        except message.DecodeError as error:
            raise ValueError(str(error)) from error
        if not read.IsInitialized():
            raise ValueError("a required field is missing")
