"""K: functions on tensors, alike for arrays and for symbolic tensors."""
