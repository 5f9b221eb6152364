"""What trains: found from outside, and followed step by step."""
