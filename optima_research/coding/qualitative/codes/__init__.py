"""What the codes say: matrices, meetings, saturation, coding frame, quotations."""
