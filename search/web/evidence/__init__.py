"""What the evidence says: themes, interventions, any criteria; and the list behind each number."""
