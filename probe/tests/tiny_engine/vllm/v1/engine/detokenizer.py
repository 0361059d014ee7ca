"""Turns tokens into text."""


class BaseIncrementalDetokenizer:
    def update(self, new_token_ids, stop_terminated):
        return "".join(f" w{token}" for token in new_token_ids)
